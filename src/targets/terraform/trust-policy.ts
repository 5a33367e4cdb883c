import { type Expression, expression } from './hcl.ts';

/** The policy that lets an AWS service assume a role. */
export function trustPolicy(service: string): Expression {
  return expression(`jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "${service}" }, Action = "sts:AssumeRole" }]
  })`);
}
