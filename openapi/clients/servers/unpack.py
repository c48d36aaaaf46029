"""Unpacks the Python files of a wheel that lie at or below the given paths: the wheel, the folder to unpack to, the paths."""
import sys
import zipfile

wheel, folder, *paths = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.endswith(".py") and name.startswith(tuple(paths)):
            archive.extract(name, folder)
