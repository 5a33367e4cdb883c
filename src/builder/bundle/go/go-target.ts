/** Returns Go's name of a CPU. */
export function goArchOf(arch: 'x64' | 'arm64'): 'amd64' | 'arm64' {
  return arch === 'x64' ? 'amd64' : 'arm64';
}
