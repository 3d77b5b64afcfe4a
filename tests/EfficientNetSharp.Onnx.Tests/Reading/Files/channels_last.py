"""Writes the files with channels last that README.md describes into a folder: python3 channels_last.py FOLDER (onnx, numpy)."""
import sys
# The shape of what tf2onnx writes of a Keras EfficientNet, put together by hand: NHWC input, normalisation, paddings, transposes.
import numpy as np, onnx
from onnx import helper as h, TensorProto as T, numpy_helper as nh
rng=np.random.RandomState(2)
def build(path,opset):
    nodes=[];inits=[]
    def c(name,a): inits.append(nh.from_array(np.asarray(a),name)); return name
    def f(name,*s,scale=1.): return c(name,(rng.randn(*s)*scale).astype(np.float32))
    def n(op,ins,out,**a): nodes.append(h.make_node(op,ins,[out],name=out,**a)); return out
    x=n('Cast',['input_1:0'],'cast',to=T.FLOAT)
    x=n('Mul',[x,c('rescale',np.float32(1/255))],'rescaled')
    x=n('Sub',[x,c('mean',np.array([[[[.485,.456,.406]]]],np.float32))],'sub')
    x=n('Div',[x,c('std',np.array([.229,.224,.225],np.float32).reshape(1,1,1,3))],'div')
    x=n('Pad',[x,c('pads',np.array([0,0,1,0,0,1,1,0],np.int64)),c('zero',np.float32(0))],'stem_conv_pad',mode='constant')
    x=n('Transpose',[x],'t0',perm=[0,3,1,2])
    x=n('Conv',[x,f('w0',8,3,3,3,scale=.4),f('b0',8,scale=.1)],'stem',strides=[2,2],auto_pad='VALID',kernel_shape=[3,3])
    x=n('Mul',[x,n('Sigmoid',[x],'sig0')],'swish0')
    trunk=n('Transpose',[x],'t1',perm=[0,2,3,1])
    x=n('Transpose',[trunk],'t2',perm=[0,3,1,2])
    x=n('Conv',[x,f('w1',8,1,3,3,scale=.6)],'dw',group=8,auto_pad='SAME_UPPER',kernel_shape=[3,3],strides=[1,1])
    x=n('BatchNormalization',[x,c('g',rng.rand(8).astype(np.float32)+.5),f('be',8,scale=.1),f('mu',8,scale=.1),c('va',rng.rand(8).astype(np.float32)+.5)],'bn',epsilon=.001)
    x=n('Transpose',[x],'t3',perm=[0,2,3,1])
    x=n('Mul',[x,n('Sigmoid',[x],'sig1')],'swish1')
    # squeeze-excite with channels last
    g=n('ReduceMean',[x],'squeeze',axes=[1,2],keepdims=0) if opset<18 else n('ReduceMean',[x,c('axes',np.array([1,2],np.int64))],'squeeze',keepdims=0)
    shape=n('Shape',[g],'g_shape'); b=n('Gather',[shape,c('i0',np.array([0],np.int64))],'g_batch',axis=0)
    s=n('Concat',[b,c('one',np.array([1],np.int64)),c('one2',np.array([1],np.int64)),c('eight',np.array([8],np.int64))],'g_dims',axis=0)
    g=n('Reshape',[g,s],'se_reshape')
    g=n('Transpose',[g],'t4',perm=[0,3,1,2])
    g=n('Conv',[g,f('w2',4,8,1,1,scale=.5),f('b2',4,scale=.1)],'se_reduce',kernel_shape=[1,1])
    g=n('Mul',[g,n('Sigmoid',[g],'sig2')],'swish2')
    g=n('Conv',[g,f('w3',8,4,1,1,scale=.5),f('b3',8,scale=.1)],'se_expand',kernel_shape=[1,1])
    g=n('Sigmoid',[g],'gate')
    g=n('Transpose',[g],'t5',perm=[0,2,3,1])
    x=n('Mul',[x,g],'excite')
    # 1x1 convolution as a product over channels last, its bias added
    x=n('Add',[n('MatMul',[x,f('w4',8,8,scale=.4)],'project'),f('b4',8,scale=.1)],'project_bias')
    x=n('Add',[x,trunk],'residual')
    # MobileNetV3's functions as Keras writes them
    r=n('Clip',[n('Add',[x,c('three',np.float32(3))],'plus3'),'zero',c('six',np.float32(6))],'relu6')
    x=n('Mul',[x,n('Mul',[r,c('sixth',np.float32(1/6))],'hs')],'hswish')
    x=n('Max',[x,'zero'],'relu_max')
    x=n('Pad',[x,c('pads2',np.array([0,1,1,0,0,1,1,0],np.int64)),'zero'],'pool_pad')
    x=n('Transpose',[x],'t6',perm=[0,3,1,2])
    x=n('MaxPool',[x],'pool',kernel_shape=[3,3],strides=[2,2])
    x=n('GlobalAveragePool',[x],'gap'); x=n('Squeeze',[x],'flat',axes=[2,3]) if opset<13 else n('Squeeze',[x,c('sq',np.array([2,3],np.int64))],'flat')
    x=n('Add',[n('MatMul',[x,f('w5',8,5,scale=.5)],'dense'),f('b5',5,scale=.1)],'logits')
    x=n('Softmax',[x],'predictions',axis=-1)
    g=h.make_graph(nodes,'keras_like',[h.make_tensor_value_info('input_1:0',T.FLOAT,['unk__1',17,20,3])],[h.make_tensor_value_info('predictions',T.FLOAT,['unk__2',5])],inits)
    m=h.make_model(g,opset_imports=[h.make_opsetid('',opset)],producer_name='tf2onnx-like',ir_version=7)
    onnx.checker.check_model(m,full_check=True); onnx.save(m,path)
for o in (12,15): build(f'{sys.argv[1]}/channels_last_opset{o}.onnx',o)
