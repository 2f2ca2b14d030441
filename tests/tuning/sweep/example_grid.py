"""A file of a sweep with every kind of layer: defaults, recipes, data entries, overrides, cells and seeds."""

FILE = """
name: grid
defaults: {data: {data: cifar10, val_fraction: 0}, stage1: {lr: 0.1, epochs: 20}, stage2: {batch_size: 64}}
data:
  - {name: a, profile: exp, ratio: 100, stage1: {epochs: 40}}
  - {name: b, profile: step, ratio: 10, seeds: 1}
stage1:
  - {name: gcl, config: gcl}
  - {name: ce, lr: 0.2, seeds: [0, 2]}
stage2:
  - {method: none}
  - {name: crt-x, config: gcl-stage2, epochs: 3}
  - {method: tau}
overrides:
  - {data: b, stage1: ce, settings: {lr: 0.4}}
  - {data: b, stage2: crt-x, settings: {lr: 0.03}}
cells: {exclude: [{data: b, stage1: gcl, stage2: [tau, none]}]}
seeds: 3
"""
