import { hash } from 'node:crypto';

/**
 * Characters that a function's own name may have of the 64 that Lambda allows. The rest is for
 * prefix and stage.
 */
const maxOwnNameLength = 40;
const digestLength = 8;

/**
 * Name of a function on AWS. A long name is cut and gets a digest of the whole name, so that two
 * long names stay distinct.
 */
export function awsNameOf(name: string): string {
  if (name.length <= maxOwnNameLength) return name;
  const digest = hash('sha256', name).slice(0, digestLength);
  return `${name.slice(0, maxOwnNameLength - digestLength - 1)}-${digest}`;
}

/**
 * An identifier for each name: letters and digits only, unique also without regard to case, as
 * CloudFormation's logical ids and Terraform's resource names have to be.
 */
export function uniqueIdentifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const identifiers = new Map<string, string>();
  for (const name of names) {
    const plain = pascalCase(name);
    let identifier = plain;
    for (let suffix = 2; taken.has(identifier.toLowerCase()); suffix += 1) {
      identifier = `${plain}${suffix}`;
    }
    taken.add(identifier.toLowerCase());
    identifiers.set(name, identifier);
  }
  return identifiers;
}

function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
