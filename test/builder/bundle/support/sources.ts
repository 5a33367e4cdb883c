/** Returns the default export of a function whose response contains the value of an expression. */
export function answer(expression: string): string {
  return `export default async () => new Response(String(${expression}));`;
}
