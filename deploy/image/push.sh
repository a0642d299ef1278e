#!/usr/bin/env bash
# Builds an image of Taskscope and pushes it to a repository of Amazon ECR: `push.sh --help`.
set -euo pipefail

usage() {
  cat <<'END'
Usage: deploy/image/push.sh [--target collect|serve|exporter] [--tag TAG] [--platform LIST] [--base IMAGE] [--dry-run] REPOSITORY

Builds an image of Taskscope and pushes it.

  REPOSITORY        such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/taskscope; it has to exist
  --target TARGET   collect, a sidecar (the default), serve, with a store, or exporter, for Prometheus
  --tag TAG         default: the version of Taskscope; with -serve or -exporter behind it for these
  --platform LIST   such as linux/amd64,linux/arm64 (several need docker buildx with emulation); default: this machine's
  --base IMAGE      in the place of python:3.12-slim, such as a copy in a registry of your own
  --dry-run         print the commands, run none
END
}

fail() {
  printf 'push.sh: %s\n' "$1" >&2
  exit 2
}

run() {
  printf '+ %s\n' "$*" >&2
  [ -n "$dry_run" ] || "$@"
}

target=collect tag='' platform='' base='' dry_run='' repository=''
while [ $# -gt 0 ]; do
  case $1 in
    --target | --tag | --platform | --base)
      [ $# -gt 1 ] || fail "$1 needs a value"
      declare "${1#--}=$2"
      shift
      ;;
    --dry-run) dry_run=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) fail "there is no option $1 (see --help)" ;;
    *) [ -z "$repository" ] || fail "one repository, not $repository and $1"; repository=$1 ;;
  esac
  shift
done

pattern='^([0-9]{12}\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?)/[a-z0-9][a-z0-9._/-]*$'
[ -n "$repository" ] || { usage >&2; exit 2; }
[[ $repository =~ $pattern ]] || fail "$repository is no repository of ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME, without a tag"
registry=${BASH_REMATCH[1]} region=${BASH_REMATCH[3]}
[[ $target =~ ^(collect|serve|exporter)$ ]] || fail "--target $target: it is collect, serve or exporter"

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ -z "$tag" ]; then
  tag=$(sed -n 's/^__version__.*"\(.*\)"$/\1/p' "$top/src/taskscope/__init__.py")
  [ "$target" = collect ] || tag=$tag-$target
fi

cd "$top"
build=(docker buildx build --file deploy/image/Dockerfile --target "$target" --tag "$repository:$tag" --push)
[ -z "$platform" ] || build+=(--platform "$platform")
[ -z "$base" ] || build+=(--build-arg "PYTHON_IMAGE=$base")

printf '+ aws ecr get-login-password --region %s | docker login --username AWS --password-stdin %s\n' "$region" "$registry" >&2
[ -n "$dry_run" ] || aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$registry"
run "${build[@]}" .
printf '%s\n' "$repository:$tag"
