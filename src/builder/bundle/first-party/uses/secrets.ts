const secrets: readonly { readonly form: RegExp; readonly what: string }[] = [
  { form: /\b[sr]k_live_(?!x+\b)[0-9a-zA-Z]{10,}/i, what: 'a live Stripe key' },
  // AWS's documentation has keys that end in EXAMPLE.
  { form: /\bAKIA(?!\w{9}EXAMPLE\b)[0-9A-Z]{16}\b/, what: 'an AWS access key id' },
  {
    // Code that puts a key together, or searches for one, has the first line without the key.
    form: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:(?!-----END)[\s\S]){0,200}?[A-Za-z0-9+/]{40}/,
    what: 'a private key',
  },
  { form: /\bghp_[0-9a-zA-Z]{36}\b/, what: 'a GitHub token' },
  { form: /\bxoxb-[0-9a-zA-Z-]{20,}/, what: 'a Slack token' },
];

/**
 * Each form of secret contains one of these texts. Searching for a text is cheaper than matching
 * the forms.
 */
export const secretMarks = ['PRIVATE KEY', 'sk_live_', 'rk_live_', 'AKIA', 'ghp_', 'xoxb-'];

/** How much of a source after a literal may belong to the same secret, put together with `+`. */
export const mostContinuation = 300;

/**
 * Returns the kind of secret that a text contains; undefined when the text contains none.
 *
 * @param continuation What follows the text in its source
 */
export function secretIn(text: string, continuation: string): string | undefined {
  const mark = secretMarks.find((one) => text.includes(one));
  if (mark === undefined) return undefined;
  const whole = mark === 'PRIVATE KEY' ? text + continuation : text;
  return secrets.find(({ form }) => form.test(whole))?.what;
}
