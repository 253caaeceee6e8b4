"""Fit bodies to 2D keypoints, many people at once."""

import numpy as np
import torch

from ..body_model import BodyModel
from ..pose_angles import angles_to_axis_angle
from .energy import EnergyWeights, FitEnergy, Targets, minimise, project
from .first_guess import FirstGuess
from .keypoint_chain import ChainState, KeypointChain
from .pose_prior import PosePrior
from scipy.spatial.transform import Rotation

class BodyFitter:
    def __init__(self, body=None, distance=4.0, guesses=6, steps=(4, 8, 8, 12), device='cpu', dtype=torch.float32, weights=EnergyWeights(), sigma=0.012, robust=(30,30,15,10)):
        self.robust=robust
        self.body = BodyModel() if body is None else body
        self.chain = KeypointChain(self.body, device, dtype)
        self.prior = PosePrior(device, dtype)
        self.energy = FitEnergy(self.chain, self.prior, weights)
        self.first_guess = FirstGuess(self.chain, device, dtype)
        self.device, self.dtype = device, dtype
        self.guesses, self.steps, self.sigma = guesses, steps, sigma
        self.inv = 0.0 if np.isinf(distance) else 1.0/distance

    @torch.no_grad()
    def fit_raw(self, kps):
        kps = torch.as_tensor(kps, dtype=self.dtype, device=self.device)
        w = kps[...,2].clamp(0,1)
        oks=torch.tensor([.08,.079,.079,.072,.062,.079,.072,.062,.107,.087,.089,.107,.087,.089,.08,.08,.08,.08])
        w = w*(0.08/oks)**2
        n=len(kps)
        pts = torch.where(w[...,None]>0, kps[...,:2], torch.zeros(()))
        t = Targets(pts, w, pts.new_ones(n), pts.new_full((n,), self.inv))
        g = self.guesses
        state = self.first_guess(t, g)
        scale = state.camera[:,0].exp().view(n,g)[:,0]
        t = t._replace(sigma=self.sigma*scale)
        tt = Targets(*(x.repeat_interleave(g,0) for x in t))
        torso = tt._replace(weights=tt.weights)
        self.energy.weights = self.energy.weights._replace(robust=self.robust[0])
        state,_,_ = minimise(self.energy, state, torso, 'camera', self.steps[0])
        self.energy.weights = self.energy.weights._replace(robust=self.robust[1])
        state,v,h = minimise(self.energy, state, tt, 'pose', self.steps[1])
        self.dbg=(state,v.view(n,g))
        keep = 2
        best = (v+h).view(n,g).topk(keep,1,largest=False).indices + torch.arange(n)[:,None]*g
        state = ChainState(*(x[best.flatten()] for x in state))
        tt = Targets(*(x.repeat_interleave(keep,0) for x in t))
        self.energy.weights = self.energy.weights._replace(robust=self.robust[2])
        state,v,h = minimise(self.energy, state, tt, 'shape', self.steps[2])
        best = (v+h).view(n,keep).argmin(1)+torch.arange(n)*keep
        state = ChainState(*(x[best] for x in state))
        self.energy.weights = self.energy.weights._replace(robust=self.robust[3])
        state,v,h = minimise(self.energy, state, t, 'shape', self.steps[3])
        pix = project(self.chain.keypoints(state), state.camera, t.inverse_distance)
        err = (pix-pts).norm(dim=-1)
        err[w==0]=float('nan')
        flat = state.angles.flatten(1)
        comp = self.prior.energies(flat).argmin(1)
        ang = self.prior.complete(flat, comp)
        return state, ang, err, v, comp
