/** How a message travels. What is configured per service and per route is a subset of these. */
export const channels = ['sms', 'email', 'voice', 'whatsapp', 'telegram'] as const;
export type Channel = (typeof channels)[number];
