"""Loads torch_written.pth, which TorchFile wrote, with PyTorch. Run by hand when the writer changes."""
import zipfile

import torch

state = torch.load("torch_written.pth", weights_only=True)
assert list(state) == ["conv.weight", "scale", "empty", "größe"]
assert torch.equal(state["conv.weight"], torch.arange(6).reshape(2, 3, 1, 1) / 8)
assert state["scale"].shape == () and state["scale"] == 2.5
assert state["empty"].shape == (0, 5) and state["empty"].is_contiguous()
assert state["größe"][0].isnan() and state["größe"][1] == -torch.inf
assert all(value.dtype == torch.float32 for value in state.values())
assert torch.equal(torch.load("torch_written.pth", map_location="cpu")["conv.weight"], state["conv.weight"])
with zipfile.ZipFile("torch_written.pth") as archive:
    assert archive.testzip() is None
print("ok")
