#!/bin/sh
# Installs the third-party tools that test/targets checks the AWS output with into the given
# directory, and writes <directory>/env:
#
#   scripts/install-aws-tools.sh /tmp/aws-tools && . /tmp/aws-tools/env && npx vitest run test/targets
#
# cfn-lint, the SAM translator, moto and MiniStack come from PyPI (python3 with venv), and so does
# Amazon's Lambda emulator, aws-lambda-rie, as a file inside the wheel of the SAM CLI. Apache
# Velocity comes from Maven Central where there is a JDK with mvn. Terraform and the SAM CLI are
# taken from PATH, and the AWS provider from a mirror in one of the places Terraform itself looks,
# or $BGFN_TERRAFORM_MIRROR. A tool that cannot be installed is named and left out; its tests are
# skipped by name. A second run installs only tools that are not there in these versions.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: $0 <directory>" >&2
  exit 2
fi
mkdir -p "$1"
cd "$1"
: > env

pins='cfn-lint==1.58.0 aws-sam-translator==1.115.0 moto[server]==5.2.5 ministack==1.5.33'
# shellcheck disable=SC2086
if [ "$(cat venv/pins 2> /dev/null)" = "$pins" ] || { python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check $pins && echo "$pins" > venv/pins; }; then
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

# The whole SAM CLI is large, so it is used only where it is already installed.
if command -v sam > /dev/null; then echo "export BGFN_SAM='$(command -v sam)'" >> env
else echo "no sam: sam validate and deploy are left out"; fi

# The engine of API Gateway's mapping templates. Commons Lang has its escapeJavaScript, Commons
# Collections is what Velocity needs.
velocity=
mkdir -p velocity
echo 'class Empty { public static void main(String[] none) {} }' > velocity/Empty.java
# A JRE cannot run a source file, nor can Java before 11.
if command -v mvn > /dev/null && java velocity/Empty.java > velocity.log 2>&1; then
  velocity=$PWD/velocity
  for artifact in org.apache.velocity:velocity:1.7 commons-lang:commons-lang:2.6 commons-collections:commons-collections:3.2.2; do
    jar=$(echo "$artifact" | cut -d: -f2,3 | tr : -).jar
    [ -f "velocity/$jar" ] || mvn -q -B dependency:copy "-Dartifact=$artifact" "-DoutputDirectory=$PWD/velocity" > velocity.log 2>&1 || velocity=
  done
fi
if [ -n "$velocity" ]; then echo "export BGFN_VELOCITY_JARS='$velocity'" >> env
else echo "no Apache Velocity: the mapping template runs under velocityjs alone"; fi

# The SAM CLI contains the emulator for `sam local invoke`. Only that file of its wheel is
# installed, without dependencies.
sam_cli=1.170.0
emulator=aws-lambda-rie-$sam_cli
case "$(uname -s) $(uname -m)" in
  'Linux x86_64') inside=aws-lambda-rie-x86_64 ;;
  'Linux aarch64' | 'Linux arm64') inside=aws-lambda-rie-arm64 ;;
  *) inside= ;;
esac
if [ -n "$inside" ] && [ ! -x "$emulator" ]; then
  rm -rf wheel
  # shellcheck disable=SC2015
  venv/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest wheel "aws-sam-cli==$sam_cli" &&
    venv/bin/python -m zipfile -e wheel/*.whl wheel &&
    chmod 755 "wheel/samcli/local/rapid/$inside" &&
    mv "wheel/samcli/local/rapid/$inside" "$emulator" || echo "the wheel of the SAM CLI cannot be had"
  rm -rf wheel
fi
if [ -x "$emulator" ]; then echo "export BGFN_LAMBDA_RIE='$PWD/$emulator'" >> env
else echo "no aws-lambda-rie on $(uname -s) $(uname -m): its tests are left out"; fi
