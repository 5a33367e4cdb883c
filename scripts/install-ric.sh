#!/bin/sh
# Installs Amazon's Lambda runtime client (npm: aws-lambda-ric) into the given directory, for
# test/adapter/runtime-clients.test.ts:
#
#   scripts/install-ric.sh /tmp/ric && BGFN_RIC_DIR=/tmp/ric npx vitest run test/adapter
# The client is compiled on the machine: Linux with cmake, g++, make, autoconf and python3. Node's
# headers come from npm (node-linux-<cpu>), so that node-gyp downloads nothing; they have the
# version of the node that runs this script.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: $0 <directory>" >&2
  exit 2
fi
version=4.0.2
mkdir -p "$1"
cd "$1"

if [ -f node_modules/aws-lambda-ric/rapid-client.node ]; then
  echo "aws-lambda-ric is in $1 already"
  exit 0
fi
for tool in cmake g++ make python3; do
  command -v "$tool" >/dev/null || { echo "$0: $tool is missing" >&2; exit 1; }
done

# Newer versions of npm run the install scripts of named packages only.
echo '{ "private": true, "allowScripts": { "aws-lambda-ric": true } }' > package.json
headers="node-linux-$(node -p process.arch)"
npm install --no-audit --no-fund --ignore-scripts "$headers@$(node -p process.versions.node)"
npm_config_nodedir="$PWD/node_modules/$headers" npm install --no-audit --no-fund "aws-lambda-ric@$version"
[ -f node_modules/aws-lambda-ric/rapid-client.node ] || { echo "$0: aws-lambda-ric was not compiled" >&2; exit 1; }
