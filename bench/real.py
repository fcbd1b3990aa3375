# SPDX-License-Identifier: MIT
def is_ready():
    return False
