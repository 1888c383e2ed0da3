"""The plane of `navigation` as a gymnasium environment, whose goal is a setting."""

import gymnasium
import numpy as np


class Plane(gymnasium.Env):
    def __init__(self, goal_x: float = 0.0, goal_y: float = 0.0) -> None:
        self.goal_x, self.goal_y = goal_x, goal_y
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float64)
        self.action_space = gymnasium.spaces.Box(-0.1, 0.1, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        options = options or {}
        self.goal = np.array([options.get("goal_x", self.goal_x), options.get("goal_y", self.goal_y)])
        self.place = np.zeros(2)
        return self.place.copy(), {}

    def step(self, action):
        self.place = self.place + action
        squares = float(np.sum((self.place - self.goal) ** 2))
        return self.place.copy(), -squares, squares <= 0.01**2, False, {}


gymnasium.register("Plane-v0", entry_point=Plane)
