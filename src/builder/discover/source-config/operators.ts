import type { BinaryExpression, LogicalExpression, UnaryExpression } from 'oxc-parser';
import type { Primitive } from './static-value.ts';

/** The result of an operator; undefined for an operator that is not read in configuration. */
type Applied = { readonly value: Primitive } | undefined;

/** Applies a unary operator. `typeof` and `delete` are not read. */
export function applyUnary(operator: UnaryExpression['operator'], operand: Primitive): Applied {
  switch (operator) {
    case '-':
      return { value: -Number(operand) };
    case '+':
      return { value: Number(operand) };
    case '!':
      return { value: !operand };
    case '~':
      return { value: ~Number(operand) };
    case 'void':
      return { value: undefined };
    case 'typeof':
    case 'delete':
      return undefined;
  }
}

/** Applies a binary operator. Arithmetic, concatenation and strict comparison are read. */
export function applyBinary(
  operator: BinaryExpression['operator'],
  left: Primitive,
  right: Primitive,
): Applied {
  switch (operator) {
    case '+':
      return {
        value:
          typeof left === 'string' || typeof right === 'string'
            ? `${String(left)}${String(right)}`
            : Number(left) + Number(right),
      };
    case '-':
      return { value: Number(left) - Number(right) };
    case '*':
      return { value: Number(left) * Number(right) };
    case '/':
      return { value: Number(left) / Number(right) };
    case '%':
      return { value: Number(left) % Number(right) };
    case '**':
      return { value: Number(left) ** Number(right) };
    case '===':
      return { value: left === right };
    case '!==':
      return { value: left !== right };
    default:
      return undefined;
  }
}

/** Whether the value of `left <operator> right` is the value of its right side. */
export function takesRight(operator: LogicalExpression['operator'], left: unknown): boolean {
  switch (operator) {
    case '&&':
      return Boolean(left);
    case '||':
      return !left;
    case '??':
      return left === null || left === undefined;
  }
}
