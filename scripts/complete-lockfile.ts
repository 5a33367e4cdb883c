/**
 * Adds to a lockfile the optional platform packages that npm left out because its registry does not
 * have them (for example a mirror with Linux packages only). `npm ci` refuses a lockfile without
 * these packages, also on machines that would never install them. Run it after `npm install`.
 *
 * `node scripts/complete-lockfile.ts [directory of package-lock.json]`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const packageSchema = z.object({
  version: z.string().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  dev: z.boolean().optional(),
});
const lockfileSchema = z.looseObject({ packages: z.record(z.string(), z.unknown()) });

const file = path.join(path.resolve(process.argv[2] ?? '.'), 'package-lock.json');
const lockfile = lockfileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

let added = 0;
for (const [parent, record] of Object.entries(lockfile.packages)) {
  const { optionalDependencies, dev } = packageSchema.parse(record);
  if (parent === '') continue;
  for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
    // Only an exact version of a package that is named by its platform: npm finds the others itself.
    if (!/^\d/.test(version) || findInstalled(parent, name) === version) continue;
    const siblings = parent.slice(0, parent.lastIndexOf('node_modules/') + 'node_modules/'.length);
    // Beside the package that depends on it, or below that package if another version has the place.
    const place =
      lockfile.packages[`${siblings}${name}`] === undefined ? siblings : `${parent}/node_modules/`;
    lockfile.packages[`${place}${name}`] = {
      version,
      ...platformOf(name),
      ...(dev === true ? { dev } : {}),
      optional: true,
    };
    added += 1;
  }
}

const { packages, ...rest } = lockfile;
const sorted = Object.fromEntries(
  Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync(file, `${JSON.stringify({ ...rest, packages: sorted }, null, 2)}\n`);
console.log(`${added} packages added to ${file}`);

/** The version that `name` resolves to from `parent`, by the lockfile. */
function findInstalled(parent: string, name: string): string | undefined {
  for (
    let directory = parent;
    ;
    directory = directory.slice(0, directory.lastIndexOf('/node_modules/'))
  ) {
    const found = lockfile.packages[`${directory}/node_modules/${name}`];
    if (found !== undefined) return packageSchema.parse(found).version;
    if (!directory.includes('/node_modules/')) {
      return packageSchema.parse(lockfile.packages[`node_modules/${name}`] ?? {}).version;
    }
  }
}

/**
 * The machines that a platform package is for, derived from its name:
 * `@oxlint/binding-linux-x64-musl`.
 */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const platform =
    /(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el)/.exec(
      name,
    );
  const [, os, cpu] = platform ?? [];
  if (os === undefined || cpu === undefined) return {};
  const libc =
    os !== 'linux'
      ? undefined
      : /musl/.test(name)
        ? 'musl'
        : /gnu/.test(name)
          ? 'glibc'
          : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
}
