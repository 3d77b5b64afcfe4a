#!/usr/bin/env bash
# Changed files of every format to the readers, each in a process that is watched: eng/fuzz.sh [MINUTES [FORMAT…]]
# Goes on where the last run ended (artifacts/fuzz/counts.json); what fails is kept in artifacts/fuzz/FORMAT with what it did. Once it is mended,
# the input goes into tests/EfficientNetSharp.Fuzzing/Corpus/FORMAT, which every test run reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1
dotnet build -c Release -v quiet tests/EfficientNetSharp.Fuzzing
exec nice -n 19 dotnet tests/EfficientNetSharp.Fuzzing/bin/Release/net10.0/EfficientNetSharp.Fuzzing.dll run "${1:-10}" "${@:2}"
