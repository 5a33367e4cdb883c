import type { BundleTarget } from '../contract/bundle-options.ts';

/** The words by which names of packages and files say for which machine something is made. */
const platformWords = {
  linux: words('linux linuxmusl linuxglibc'),
  darwin: words('darwin macos mac osx apple'),
  other: words(
    'win32 win64 windows win cygwin android ios freebsd openbsd netbsd openharmony sunos aix ' +
      'wasm wasm32 wasi',
  ),
};
const archWords = {
  x64: words('x64 64 amd64'),
  arm64: words('arm64 aarch64 armv8'),
  other: words(
    'ia32 x86 i686 32 arm armv6 armv7 armhf arm64ec loong64 riscv64 riscv64gc ppc64 ppc64le ' +
      'powerpc64le s390x mips64el',
  ),
};
const libcWords = {
  glibc: words('glibc gnu linuxglibc'),
  musl: words('musl linuxmusl'),
  other: words('gnueabihf musleabihf gnueabi musleabi eabi abi64'),
};
const neutralWords = words('universal unknown pc msvc');

const allWords = new Set([
  ...[platformWords, archWords, libcWords].flatMap((table) => Object.values(table).flat()),
  ...neutralWords,
]);

function words(text: string): readonly string[] {
  return text.split(' ');
}

function wordsOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .replaceAll('x86_64', 'x64')
    .split(/[-_./\\]/);
}

/**
 * Returns the part of a name that packages for other machines share: `@img/sharp-libvips-linux-x64`
 * → `@img sharp libvips`.
 */
export function nameWithoutPlatform(name: string): string {
  return wordsOf(name)
    .filter((word) => !allWords.has(word))
    .join(' ');
}

/** Whether a name says that something is made for the target: `linux-x64-gnu`, `darwin-universal`. */
export function namesTarget(name: string, target: BundleTarget): boolean {
  const own = wordsOf(name);
  return (
    own.some((word) => platformWords[target.platform].includes(word)) &&
    !namesOther(own, archWords, target.arch) &&
    (target.platform !== 'linux' || !namesOther(own, libcWords, target.libc))
  );
}

/** Whether a name says that something is made for another machine than the target. */
export function namesOtherMachine(name: string, target: BundleTarget): boolean {
  const own = wordsOf(name);
  return (
    namesOther(own, platformWords, target.platform) ||
    namesOther(own, archWords, target.arch) ||
    (target.platform === 'linux' && namesOther(own, libcWords, target.libc))
  );
}

/** Whether words name another kind of machine, and not the given one. */
function namesOther<Kind extends string>(
  named: readonly string[],
  table: Readonly<Record<Kind | 'other', readonly string[]>>,
  own: Kind,
): boolean {
  const all: readonly (readonly string[])[] = Object.values(table);
  return (
    !named.some((word) => table[own].includes(word)) &&
    named.some((word) => all.some((list) => list.includes(word)))
  );
}
