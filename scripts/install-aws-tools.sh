#!/bin/sh
# Installs what the tests in test/deploy hold our AWS output against, none of it ours, into the directory given, and writes <directory>/env:
#
#   scripts/install-aws-tools.sh /tmp/aws-tools && . /tmp/aws-tools/env && npx vitest run test/deploy
#
# cfn-lint, the SAM translator, moto and MiniStack come from PyPI (python3 with venv). Terraform is taken from PATH, with the AWS provider from a mirror in
# one of the places Terraform itself looks, or $BGFN_TERRAFORM_MIRROR. Amazon's Lambda emulator (aws-lambda-rie) is compiled from the Go module proxy.
# What cannot be had is named and left out; its tests say so too.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: $0 <directory>" >&2
  exit 2
fi
mkdir -p "$1"
cd "$1"
: > env

if [ -x venv/bin/ministack ] || { python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check \
  cfn-lint==1.58.0 aws-sam-translator==1.115.0 'moto[server]==5.2.5' ministack==1.5.33; }; then
  echo "export BGFN_AWS_PYTHON='$PWD/venv/bin/python'" >> env
else
  echo "no Python with venv: cfn-lint, the SAM translator, moto and MiniStack are left out"
fi

if command -v terraform > /dev/null; then
  echo "export BGFN_TERRAFORM='$(command -v terraform)'" >> env
  mirror=${BGFN_TERRAFORM_MIRROR:-}
  for place in /usr/share/terraform/plugins /usr/local/share/terraform/plugins "$HOME/.terraform.d/plugins" /opt/*; do
    [ -z "$mirror" ] && [ -d "$place/registry.terraform.io/hashicorp/aws" ] && mirror=$place
  done
  if [ -n "$mirror" ]; then echo "export BGFN_TERRAFORM_MIRROR='$mirror'" >> env
  else echo "no mirror with the AWS provider: terraform validate and apply are left out"; fi
else
  echo "no terraform: its tests are left out"
fi

# Its module calls itself go.amzn.com, which no proxy knows; hence the replacement.
emulator=github.com/aws/aws-lambda-runtime-interface-emulator@v0.0.0-20250423173140-3a0772eae98d
if [ ! -x aws-lambda-rie ] && command -v go > /dev/null; then
  mkdir -p rie
  printf 'module rie\n\ngo 1.24\n' > rie/go.mod
  (cd rie && go mod edit -require=go.amzn.com@v0.0.0 "-replace=go.amzn.com=$emulator" && go build -mod=mod -o ../aws-lambda-rie go.amzn.com/cmd/aws-lambda-rie) > rie.log 2>&1 || tail -1 rie.log
fi
if [ -x aws-lambda-rie ]; then echo "export BGFN_LAMBDA_RIE='$PWD/aws-lambda-rie'" >> env
else echo "no aws-lambda-rie: its test is left out"; fi
