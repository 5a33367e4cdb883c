const secrets: readonly { readonly form: RegExp; readonly what: string }[] = [
  { form: /\b[sr]k_live_[0-9a-zA-Z]{10,}/, what: 'a live Stripe key' },
  { form: /\bAKIA[0-9A-Z]{16}\b/, what: 'an AWS access key id' },
  { form: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, what: 'a private key' },
  { form: /\bghp_[0-9a-zA-Z]{36}\b/, what: 'a GitHub token' },
  { form: /\bxoxb-[0-9a-zA-Z-]{20,}/, what: 'a Slack token' },
];

/**
 * Each form of secret contains one of these texts. Searching for a text is cheaper than matching
 * the forms.
 */
export const secretMarks = ['PRIVATE KEY', 'sk_live_', 'rk_live_', 'AKIA', 'ghp_', 'xoxb-'];

/** Returns the kind of secret that a text contains; undefined when the text contains none. */
export function secretIn(text: string): string | undefined {
  return secrets.find(({ form }) => form.test(text))?.what;
}
