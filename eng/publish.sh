#!/usr/bin/env bash
# Builds the tool with all that it needs, the .NET runtime too, into artifacts/effnet-PLATFORM: for all platforms, or those named.
#   eng/publish.sh [linux-x64] [linux-arm64] [win-x64] [osx-arm64]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
platforms=(linux-x64 linux-arm64 win-x64 osx-arm64)
for platform in "$@"; do
    [[ " ${platforms[*]} " == *" $platform "* ]] \
        || { echo "publish.sh: expected platforms out of ${platforms[*]}, found '$platform'; name those, or none for all" >&2; exit 2; }
done
[ $# -eq 0 ] || platforms=("$@")

for platform in "${platforms[@]}"; do
    folder="$root/artifacts/effnet-$platform"
    rm -rf "$folder"
    echo "publish.sh: $platform" >&2
    dotnet publish "$root/src/EfficientNetSharp.Cli" -c Release -r "$platform" --self-contained -o "$folder" -v quiet --nologo
    cp "$root/LICENSE" "$root/NOTICE" "$folder"
    echo "$folder: $(du -sm "$folder" | cut -f 1) MB"
done
