"""Writes the files that README.md describes into a folder: python3 pytorch.py FOLDER (PyTorch 1.13, torchvision 0.14.1, onnx)."""
import torch, torchvision, onnx, sys, os, warnings
from functools import partial
warnings.filterwarnings('ignore')
from torch import nn
from torch.onnx import TrainingMode
out=sys.argv[1]; os.makedirs(out,exist_ok=True)
torch.manual_seed(3)
M=torchvision.models
def randomise(m):
    g=torch.Generator().manual_seed(5)
    for n,b in m.named_buffers():
        if n.endswith('running_mean'): b.copy_(torch.randn(b.shape,generator=g)*.1)
        if n.endswith('running_var'): b.copy_(torch.rand(b.shape,generator=g)+.5)
    for mod in m.modules():
        if isinstance(mod,nn.BatchNorm2d) or isinstance(mod,nn.BatchNorm1d):
            mod.weight.data=torch.rand(mod.weight.shape,generator=g)+.5; mod.bias.data=torch.randn(mod.bias.shape,generator=g)*.1
        if isinstance(mod,nn.PReLU): mod.weight.data=torch.rand(mod.weight.shape,generator=g)*.5
        if isinstance(mod,(nn.Conv2d,nn.Linear)):
            f=mod.weight[0].numel(); mod.weight.data=torch.randn(mod.weight.shape,generator=g)*(1.7/f)**.5
    return m.eval()
from torchvision.models.efficientnet import MBConvConfig, FusedMBConvConfig, EfficientNet
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
def effnet(): return EfficientNet([MBConvConfig(1,3,1,8,8,1),MBConvConfig(2,5,2,8,8,2)],0.2,num_classes=5,last_channel=24)
def v2(): return EfficientNet([FusedMBConvConfig(1,3,1,8,8,1),FusedMBConvConfig(2,3,2,8,8,2),MBConvConfig(2,3,2,8,8,1)],0.2,num_classes=5,last_channel=24)
def mnv2():
    m=M.MobileNetV2(num_classes=5,width_mult=.1,inverted_residual_setting=[[1,8,1,1],[3,8,2,2],[3,16,1,2]])
    # its last layer is 1280 wide at any width
    i=m.features[-1][0].in_channels; m.features[-1][0]=nn.Conv2d(i,16,1,bias=False); m.features[-1][1]=nn.BatchNorm2d(16); m.classifier[1]=nn.Linear(16,5); return m
def mnv3():
    c=partial(InvertedResidualConfig,width_mult=1.0)
    m=MobileNetV3([c(8,3,16,8,True,'RE',2,1),c(8,5,16,8,True,'HS',2,1),c(8,3,16,8,False,'HS',1,1)],last_channel=16,num_classes=5); return m
class HardSwishSpelled(nn.Module):
    def forward(self,x): return x*nn.functional.relu6(x+3)/6
class HardSigmoidSpelled(nn.Module):
    def forward(self,x): return nn.functional.relu6(x+3)/6
class Block(nn.Module):
    def __init__(s,i,o,stride):
        super().__init__()
        s.bn1=nn.BatchNorm2d(i);s.c1=nn.Conv2d(i,o,3,1,1,bias=False);s.bn2=nn.BatchNorm2d(o);s.p=nn.PReLU(o);s.c2=nn.Conv2d(o,o,3,stride,1,bias=False);s.bn3=nn.BatchNorm2d(o)
        s.d=nn.Sequential(nn.Conv2d(i,o,1,stride,bias=False),nn.BatchNorm2d(o)) if stride!=1 or i!=o else nn.Identity()
    def forward(s,x): return s.bn3(s.c2(s.p(s.bn2(s.c1(s.bn1(x))))))+s.d(x)
class IResNet(nn.Module):
    def __init__(s):
        super().__init__()
        s.c=nn.Conv2d(3,8,3,1,1,bias=False);s.b=nn.BatchNorm2d(8);s.p=nn.PReLU(8);s.l=nn.Sequential(Block(8,8,2),Block(8,12,2),Block(12,12,2));s.bn2=nn.BatchNorm2d(12);s.drop=nn.Dropout(.4)
        s.fc=nn.Linear(12*4*4,8);s.features=nn.BatchNorm1d(8)
    def forward(s,x):
        x=s.bn2(s.l(s.p(s.b(s.c(x))))); x=torch.flatten(x,1); return s.features(s.fc(s.drop(x)))
class OldStyle(nn.Module):
    """SE of linear layers with view, hand-spelt swish and hard functions, view flatten, F.pad, mean over [2,3]"""
    def __init__(s):
        super().__init__()
        s.c=nn.Conv2d(3,8,3,2,0,bias=False);s.b=nn.BatchNorm2d(8);s.f1=nn.Linear(8,4);s.f2=nn.Linear(4,8);s.hs=HardSwishSpelled();s.hg=HardSigmoidSpelled()
        s.c2=nn.Conv2d(8,8,5,2,2,groups=8);s.fc=nn.Linear(8,5)
    def forward(s,x):
        x=nn.functional.pad(x,(0,1,0,1)); x=s.hs(s.b(s.c(x)))
        n,c=x.shape[0],x.shape[1]
        g=nn.functional.adaptive_avg_pool2d(x,1).view(n,c); g=s.hg(s.f2(torch.relu(s.f1(g)))).view(n,c,1,1)
        x=x*g; x=s.c2(x); x=x*torch.sigmoid(x)
        x=x.mean([2,3]); return torch.softmax(s.fc(x.view(x.size(0),-1)),1)
def small_resnet():
    # an eighth of the width
    m=M.resnet.ResNet.__new__(M.resnet.ResNet); nn.Module.__init__(m)
    m._norm_layer=nn.BatchNorm2d; m.inplanes=8; m.dilation=1; m.groups=1; m.base_width=64
    m.conv1=nn.Conv2d(3,8,7,2,3,bias=False); m.bn1=nn.BatchNorm2d(8); m.relu=nn.ReLU(inplace=True); m.maxpool=nn.MaxPool2d(3,2,1)
    B=M.resnet.BasicBlock
    m.layer1=m._make_layer(B,8,1); m.layer2=m._make_layer(B,12,1,stride=2); m.layer3=nn.Identity(); m.layer4=nn.Identity()
    m.avgpool=nn.AdaptiveAvgPool2d((1,1)); m.fc=nn.Linear(12,5); return m
def export(name,make,size,opset,fold=True,training=TrainingMode.EVAL,dynamic=True,dynsize=False,half=False):
    m=randomise(make()); x=torch.randn(2,3,*size,generator=torch.Generator().manual_seed(11))
    p=f'{out}/{name}.onnx'
    axes={'x':{0:'batch'},'y':{0:'batch'}} if dynamic else None
    if dynsize: axes={'x':{0:'batch',2:'h',3:'w'},'y':{0:'batch'}}
    torch.onnx.export(m,x if dynamic else x[:1],p,opset_version=opset,do_constant_folding=fold,training=training,input_names=['x'],output_names=['y'],dynamic_axes=axes)
    mod=onnx.load(p)
    mod.doc_string=''
    for n in mod.graph.node: n.doc_string=''
    onnx.save(mod,p)
    print(name,os.path.getsize(p),sorted({n.op_type for n in mod.graph.node}))
S=(33,34)
P=TrainingMode.PRESERVE
for o in (9,13): export(f'efficientnet_opset{o}',effnet,S,o)
export('efficientnet_unfolded_opset13',effnet,S,13,fold=False,training=P)
export('mobilenet_v2_training_opset13',mnv2,S,13,fold=False,training=TrainingMode.TRAINING); export('mobilenet_v2_unfolded_opset14',mnv2,S,14,fold=False,training=P); export('mobilenet_v2_training_opset14',mnv2,S,14,fold=False,training=TrainingMode.TRAINING)
export('efficientnet_any_size_opset17',effnet,S,17,dynsize=True)
export('efficientnetv2_opset17',v2,S,17,dynamic=False)
export('mobilenet_v2_opset11',mnv2,S,11)
export('mobilenet_v2_unfolded_opset9',mnv2,S,9,fold=False,training=P)
export('mobilenet_v3_opset13',mnv3,S,13); export('mobilenet_v3_opset14',mnv3,S,14)
export('resnet_opset13',small_resnet,S,13); export('resnet_unfolded_opset17',small_resnet,S,17,fold=False,training=P)
export('iresnet_opset11',IResNet,(32,32),11,dynamic=False); export('iresnet_unfolded_opset17',IResNet,(32,32),17,fold=False,training=P)
for o in (11,13): export(f'spelled_out_opset{o}',OldStyle,S,o)
export('spelled_out_unfolded_opset11',OldStyle,S,11,fold=False,training=P)
export('spelled_out_unfolded_opset13',OldStyle,S,13,fold=False,training=P)
export('spelled_out_any_size_opset13',OldStyle,S,13,fold=False,training=P,dynsize=True)
