# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The providers' HTTP APIs on loopback, with instances that can be logged in to.

Run it with ``PYTHONPATH=tests python -m emulator sandbox``; see README.md. Nothing here imports the
collection.
"""
