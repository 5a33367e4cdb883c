import { statSync } from 'node:fs';

/**
 * Returns a function that reads each version of a file once. The functions of a site keep the same
 * packages, and reading a native library or parsing a module takes long. A file with another size,
 * time of change or inode is another version.
 *
 * @throws {Error} From the returned function: the system error of a file that cannot be read
 */
export function perVersion<Value>(read: (file: string) => Value): (file: string) => Value {
  const known = new Map<string, { readonly version: string; readonly value: Value }>();
  return (file) => {
    const { size, mtimeMs, ino } = statSync(file);
    const version = [size, mtimeMs, ino].join();
    const last = known.get(file);
    if (last?.version === version) return last.value;
    const value = read(file);
    known.set(file, { version, value });
    return value;
  };
}
