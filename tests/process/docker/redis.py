# SPDX-License-Identifier: Apache-2.0
"""A redis in a container, which can be told who it is, and a consumer that asks."""

from support.poll import eventually


def start_redis(engine, name, options="", port=6379, says=None):
    """Returns once it answers; whoami is then what it `says`."""
    image = "crosbymichael/redis" if port == 6379 else f"redis-on-{port}"
    engine.docker(f"run -d --name {name} {options} {image}")
    tell(engine, name, says or name, port)


def tell(engine, name, words, port=6379):
    command = ["exec", name, "redis-cli", "-p", str(port), "set", "whoami", words]
    eventually(lambda: engine.try_docker(command).stdout == "OK\n", f"{name} took a value", every=0.05)


def ask(engine, question, of, port=6379, options=None):
    """What a consumer's redis-cli prints, from a container linked to `of` (or connected as `options` say)."""
    return engine.try_docker(f"run --rm {options or f'--link {of}:{of}'} --entrypoint redis-cli crosbymichael/redis "
                             f"-h {of} -p {port} {question}").stdout.strip()


def address_of(engine, name):
    return engine.docker(["inspect", "--format", "{{.NetworkSettings.IPAddress}}", name])
