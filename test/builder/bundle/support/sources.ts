/** The default export of a function that answers with the value of an expression. */
export function answer(expression: string): string {
  return `export default async () => new Response(String(${expression}));`;
}
