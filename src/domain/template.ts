/** What a template may name. There is no logic and no nesting: one pass, values as they are. */
const placeholders = ['code', 'brand', 'minutes'] as const;
export type TemplateValues = Readonly<Record<(typeof placeholders)[number], string>>;

export const defaultTemplate =
  '{{code}} is your {{brand}} verification code. It expires in {{minutes}} minutes. Do not share it with anyone.';

/** Where there is less room. */
export const shortTemplate = '{{code}} is your {{brand}} verification code.';

export const templateLengthMax = 320;

/** What is wrong with a template, as a remedy; undefined when nothing is. */
export function templateProblem(template: string): string | undefined {
  if (template.length > templateLengthMax) return `must be at most ${templateLengthMax} characters long`;
  if (!template.includes('{{code}}')) return 'must contain {{code}}';
  const rest = template.replace(/\{\{(code|brand|minutes)\}\}/g, '');
  if (rest.includes('{{') || rest.includes('}}'))
    return `may name only ${placeholders.map((p) => `{{${p}}}`).join(', ')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(template)) return 'must not contain control characters';
  if (/https?:|www\./i.test(template)) return 'must not contain a link';
  return undefined;
}

/**
 * The message text. Placeholders inside a value stay as they are.
 * @param placeholder - the one word that stands for the code; every other one then stays as it is
 */
export function render(template: string, values: TemplateValues, placeholder?: string): string {
  if (placeholder !== undefined) return template.replaceAll(`{{${placeholder}}}`, () => values.code);
  return template.replace(/\{\{(code|brand|minutes)\}\}/g, (_, name: keyof TemplateValues) => values[name]);
}
