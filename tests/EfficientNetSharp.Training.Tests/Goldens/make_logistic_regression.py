"""Golden numbers of scikit-learn's multinomial logistic regression: python3 make_logistic_regression.py > logistic_regression.json"""
import json, numpy as np, sklearn
from sklearn.linear_model import LogisticRegression
r=np.random.RandomState(7); cases=[]
for n,d,k,pen in ((20,4,3,1.0),(30,6,4,0.01),(12,20,2,0.1),(40,3,5,0.001)):
    y=np.arange(n)%k; X=(r.randn(n,d)+0.8*r.randn(k,d)[y]+3).astype(np.float32)
    s2=((X.astype(float)-X.astype(float).mean(0))**2).mean()
    C=1/(n*pen*s2)
    m=LogisticRegression(C=C,tol=1e-12,max_iter=100000,multi_class='multinomial',solver='newton-cg').fit(X.astype(float),y)
    if k==2:
        # scikit-learn holds two classes as one row of weights: W and -W
        W=np.stack([-m.coef_[0],m.coef_[0]]); b=np.array([-m.intercept_[0],m.intercept_[0]])
    else: W,b=m.coef_,m.intercept_
    cases.append(dict(classes=k,penalty=pen,rows=[[float(v) for v in x] for x in X],labels=y.tolist(),weights=W.tolist(),biases=b.tolist()))
print(json.dumps(dict(source=f'scikit-learn {sklearn.__version__}, LogisticRegression(multi_class="multinomial", solver="newton-cg", tol=1e-12), C = 1/(N·penalty·variance)',cases=cases)))
