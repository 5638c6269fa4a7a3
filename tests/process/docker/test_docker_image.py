# SPDX-License-Identifier: Apache-2.0
"""The image holds the program and nothing else, and packaging/docker/build says clearly when it cannot make it."""

import io
import json
import os
import subprocess
import tarfile

from support.ambassador import BINARY, ROOT

from docker import images


def image(provider, field):
    return json.loads(provider.docker(["image", "inspect", "--format", f"{{{{json .{field}}}}}", "ambassador"]))


def build(provider, *words, **environment):
    return subprocess.run([ROOT / "packaging/docker/build", *words], env={**provider.environment, **environment},
                          capture_output=True, text=True, check=False)


def test_it_is_one_layer_with_one_file(provider):
    assert len(image(provider, "RootFS.Layers")) == 1
    provider.docker("create --name look ambassador")
    exported = subprocess.run(["docker", "save", "ambassador"], env=provider.environment, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(exported.stdout)) as archive:
        layers = json.load(archive.extractfile("manifest.json"))[0]["Layers"]
        with tarfile.open(fileobj=archive.extractfile(layers[0])) as layer:
            files = {(member.name.lstrip("./"), oct(member.mode & 0o7777)) for member in layer.getmembers()}
    assert files == {("ambassador", "0o755")}


def test_it_runs_the_program_as_nobody_and_stops_it_with_term(provider):
    assert image(provider, "Config.Entrypoint") == ["/ambassador"]
    assert image(provider, "Config.User") == "65534:65534"
    assert image(provider, "Config.StopSignal") == "SIGTERM"
    assert not image(provider, "Config.Cmd")


def test_its_labels_are_what_the_program_says_of_itself(provider):
    labels = image(provider, "Config.Labels")
    said = json.loads(provider.docker("run --rm ambassador version --json"))
    assert labels["org.opencontainers.image.title"] == "ambassador"
    assert labels["org.opencontainers.image.version"] == said["version"]
    assert labels["org.opencontainers.image.revision"] == said["commit"]
    assert "org.opencontainers.image.source" not in labels


def test_it_is_as_large_as_the_program_and_at_most_8_MB(provider):
    assert image(provider, "Size") == os.path.getsize(BINARY)
    assert image(provider, "Size") <= 8_000_000
    assert f"{image(provider, 'Size')} bytes" in images.build_ambassador(provider)


def test_building_without_a_program_says_how_to_make_one(provider, tmp_path):
    done = build(provider, "x", AMBASSADOR_BINARY=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "./run version" in done.stderr


def test_building_from_a_dynamic_program_is_refused(provider):
    done = build(provider, "x", AMBASSADOR_BINARY="/usr/bin/redis-cli")
    assert done.returncode == 1
    assert "not static" in done.stderr
    assert provider.try_docker("image inspect x").returncode != 0


def test_building_from_a_script_is_refused(provider, tmp_path):
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "script").chmod(0o755)
    done = build(provider, "x", AMBASSADOR_BINARY=str(tmp_path / "script"))
    assert done.returncode == 1
    assert "not an ELF program" in done.stderr
