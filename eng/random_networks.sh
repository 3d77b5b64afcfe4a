#!/usr/bin/env bash
# Generated networks on all backends against the slow reference, for a night: eng/random_networks.sh [FIRST [COUNT]]
# A failure prints its seed and the smallest part of the network that fails; run it alone with eng/random_networks.sh SEED 1.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export EFFNET_TEST_NETWORKS="${1:-0}:${2:-100000}" DOTNET_NOLOGO=1
failed=0
run() {
    local name="EfficientNetSharp.$1.Tests" classes=()
    for class in "${@:2}"; do classes+=(-class "$name.$class"); done
    dotnet run -c Release --project "tests/$name" -- "${classes[@]}" || failed=1
}

run Inference RandomNetworkTests GuardedMemoryTests
run Onnx RandomNetworkTests
run Training Torch.RandomNetworkTests Torch.RandomTrainingPassTests
exit "$failed"
