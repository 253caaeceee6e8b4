"""The classes of visibility: what the reference shows of a target's pixel.

Visibility is uint8 (1, H, W), on the target's grid.
"""

__all__ = ['BACKGROUND', 'INVISIBLE', 'VISIBLE']

#: The body's point is seen in the reference: flow says where.
VISIBLE = 0
#: It is hidden there, or outside of the picture; flow says where it would be.
INVISIBLE = 1
#: There is no body; flow is 0.
BACKGROUND = 2
