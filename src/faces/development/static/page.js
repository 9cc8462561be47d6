// The page of development mode. Everything that comes from a message or an answer is put in as text, never as markup.

const messagesMax = 100;
const byId = (id) => document.getElementById(id);

/** Makes an element: its properties, then what it holds (elements or text). */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function announce(text) {
  byId('announcer').textContent = text;
}

// Copying

async function copy(text) {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  // Browsers offer the clipboard only to https and to this machine; a page reached by token may be neither.
  const area = make('textarea', { value: text, className: 'unseen' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

function copies(button, textOf) {
  const label = button.textContent;
  let timer;
  button.addEventListener('click', async () => {
    const copied = await copy(textOf()).then(
      () => true,
      () => false,
    );
    button.textContent = copied ? 'Copied' : 'Not allowed';
    announce(button.textContent);
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = label;
    }, 1500);
  });
}

// The code inside a message

/** What most likely is the code: digits first, in one piece or two; then capitals with a digit among them. */
function codeIn(text) {
  const found =
    /(?<![\w+.])\d{3}[ -]\d{3}(?![\w-])/.exec(text) ??
    /(?<![\w+.-])\d{4,10}(?![\w-])/.exec(text) ??
    /(?<!\w)(?=[A-Z]*\d)[A-Z\d]{4,10}(?!\w)/.exec(text);
  return found === null ? undefined : { code: found[0], at: found.index };
}

function textWithCode(message) {
  const found = codeIn(message.text);
  if (found === undefined) return [message.text];
  const { code, at } = found;
  const button = make('button', { type: 'button', className: 'code', title: 'Copy, and fill in' }, code);
  button.addEventListener('click', () => {
    copy(code).catch(() => undefined);
    if (!byId('code').disabled) byId('code').value = code;
    announce(`Copied ${code}`);
  });
  return [message.text.slice(0, at), button, message.text.slice(at + code.length)];
}

// The inbox

const channelNames = { sms: 'SMS', email: 'E-mail', voice: 'Voice', whatsapp: 'WhatsApp', telegram: 'Telegram' };

function messageItem(message) {
  const sent = new Date(message.sentAt);
  const channel = make('span', { className: 'channel' }, channelNames[message.channel] ?? message.channel);
  channel.dataset.channel = message.channel;
  return make(
    'li',
    { className: 'message' },
    make(
      'div',
      { className: 'about' },
      channel,
      make(
        'span',
        { className: 'route' },
        make('span', { className: 'sender' }, message.sender),
        make('span', { className: 'to' }, ' to '),
        make('span', { className: 'recipient' }, message.to),
      ),
      make(
        'time',
        { dateTime: message.sentAt, title: sent.toLocaleString() },
        sent.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
      ),
    ),
    make('p', { className: 'text' }, ...textWithCode(message)),
  );
}

function showCount() {
  const shown = byId('messages').childElementCount;
  byId('empty').hidden = shown > 0;
  byId('count').textContent = shown >= messagesMax ? `latest ${messagesMax}` : shown > 0 ? String(shown) : '';
}

function showSnapshot({ messages }) {
  // What still waits is part of it.
  arrived = [];
  byId('messages').replaceChildren(...messages.map(messageItem));
  const own = messages.find(({ to }) => to === quickStart?.recipient);
  if (own !== undefined) fillInCode(own);
  showCount();
}

/** Messages that wait for the next frame: under load many arrive between two, and only the newest are shown. */
let arrived = [];

function arrive(message) {
  if (arrived.length === 0) requestAnimationFrame(showArrived);
  arrived = [...arrived.slice(1 - messagesMax), message];
}

function showArrived() {
  if (arrived.length === 0) return;
  const list = byId('messages');
  for (const message of arrived) {
    const item = messageItem(message);
    item.classList.add('new');
    list.prepend(item);
    if (message.to === quickStart?.recipient) fillInCode(message);
  }
  while (list.childElementCount > messagesMax) list.lastElementChild.remove();
  const { to, text } = arrived.at(-1);
  announce(`New message to ${to}: ${text}`);
  arrived = [];
  showCount();
}

function showState(state) {
  const element = byId('state');
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  element.textContent = state;
}

function follow() {
  const stream = new EventSource('/dev/inbox/stream');
  stream.addEventListener('open', () => showState('live'));
  stream.addEventListener('snapshot', ({ data }) => showSnapshot(JSON.parse(data)));
  stream.addEventListener('message', ({ data }) => arrive(JSON.parse(data)));
  stream.addEventListener('error', () => {
    showState('reconnecting');
    // After an answer that is no stream the browser gives up; after a broken connection it comes back by itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 3000);
  });
}

// The quick start

let quickStart;
/** Puts the latest code into the command that checks it; set once the commands are shown. */
let fillInCode = () => undefined;

function showQuickStart(start) {
  quickStart = start;
  const codes = [];
  const steps = start.steps.map(({ title, command }) => {
    // The address this page was reached at, since a container or a tunnel may have another port than the server.
    const [before, after] = command.replaceAll(start.baseUrl, location.origin).split('CODE');
    const code = make('code', {}, before);
    if (after !== undefined) {
      const mark = make('mark', {}, 'CODE');
      codes.push(mark);
      code.append(mark, after);
    }
    const button = make('button', { type: 'button', className: 'copy', ariaLabel: `Copy: ${title}` }, 'Copy');
    copies(button, () => code.textContent);
    const bar = make('div', { className: 'bar' }, make('h3', {}, title), button);
    return make('li', {}, bar, make('pre', {}, code));
  });
  byId('steps').replaceChildren(...steps);
  fillInCode = (message) => {
    const found = codeIn(message.text);
    if (found !== undefined) for (const mark of codes) mark.textContent = found.code;
  };
}

// Trying it

let apiKey;
let verificationId;

function say(text, tone = 'quiet') {
  byId('outcome').textContent = text;
  byId('outcome').dataset.tone = tone;
}

async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `The server answered ${response.status}.`);
  return answer;
}

function allowChecking(allowed) {
  for (const control of byId('check').querySelectorAll('input, button')) control.disabled = !allowed;
}

async function sendCode() {
  const recipient = byId('recipient').value.trim();
  const answer = await post('/v1/verifications', { recipient });
  verificationId = answer.id;
  allowChecking(true);
  byId('code').value = '';
  byId('code').focus();
  if (answer.sent !== false) return say('Sent. The code is in the inbox: type it in, or press it there.');
  const next = answer.nextSendAt === undefined ? 'shortly' : `at ${new Date(answer.nextSendAt).toLocaleTimeString()}`;
  return say(`A code went out a moment ago and still holds. Another one can be sent ${next}.`);
}

const results = {
  verified: () => ['Verified: it is really them.', 'good'],
  wrong_code: ({ attemptsLeft }) => [
    attemptsLeft === undefined
      ? 'That is not the code.'
      : `That is not the code. ${attemptsLeft === 1 ? '1 attempt' : `${attemptsLeft} attempts`} left.`,
    'bad',
  ],
  expired: () => ['That code has expired. Send another one.', 'bad'],
  exhausted: () => ['Too many wrong codes: this one cannot be used any more. Send another one.', 'bad'],
  already_verified: () => ['That code was used already: a code verifies once.', 'bad'],
  cancelled: () => ['That verification was cancelled. Send another code.', 'bad'],
};

async function checkCode() {
  const code = byId('code').value.trim();
  const answer = await post(`/v1/verifications/${encodeURIComponent(verificationId)}/checks`, { code });
  const [text, tone] = results[answer.result]?.(answer) ?? [`The answer is ${answer.result}.`, 'quiet'];
  if (answer.result !== 'wrong_code' || answer.attemptsLeft === 0) allowChecking(false);
  say(text, tone);
}

function onSubmit(form, work) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (apiKey === undefined) return say('The API key has not arrived yet. Reload the page.', 'bad');
    try {
      await work();
    } catch (error) {
      say(error instanceof TypeError ? 'The server does not answer. Is it still running?' : error.message, 'bad');
    }
  });
}

// Putting it together

async function load(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error((await response.json()).detail);
  return response.json();
}

async function start() {
  // The token has become a cookie; it need not stay in the address bar and the history.
  if (location.search !== '') history.replaceState(null, '', location.pathname);
  copies(byId('copy-key'), () => apiKey);
  onSubmit(byId('send'), sendCode);
  onSubmit(byId('check'), checkCode);
  try {
    const [credentials, quick] = await Promise.all([load('/dev/credentials'), load('/dev/quickstart')]);
    apiKey = credentials.native?.apiKey;
    byId('key').textContent = apiKey ?? 'none';
    byId('copy-key').disabled = apiKey === undefined;
    showQuickStart(quick);
  } catch (error) {
    say(error.message, 'bad');
  }
  follow();
}

void start();
