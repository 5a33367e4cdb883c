const secrets: readonly { readonly form: RegExp; readonly what: string }[] = [
  { form: /\b[sr]k_live_[0-9a-zA-Z]{10,}/, what: 'a live Stripe key' },
  { form: /\bAKIA[0-9A-Z]{16}\b/, what: 'an AWS access key id' },
  { form: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, what: 'a private key' },
  { form: /\bghp_[0-9a-zA-Z]{36}\b/, what: 'a GitHub token' },
  { form: /\bxoxb-[0-9a-zA-Z-]{20,}/, what: 'a Slack token' },
];

/** Every secret has one of these in it; searching for them is cheaper than for the forms. */
export const secretMarks = ['PRIVATE KEY', 'sk_live_', 'rk_live_', 'AKIA', 'ghp_', 'xoxb-'];

/** What kind of secret a text has in it; undefined when it has none. */
export function secretIn(text: string): string | undefined {
  return secrets.find(({ form }) => form.test(text))?.what;
}
