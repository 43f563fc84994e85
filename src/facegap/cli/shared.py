"""The options that every command shares, which may stand anywhere before `--`."""

FLAGS = ("--traceback", "--quiet", "-q", "--verbose", "-v")
LANG = "--lang"


def shared_first(arguments: list[str]) -> list[str]:
    """Return the arguments with the options that every command shares in front, where typer looks for them."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    shared, others = [], []
    rest = iter(arguments[:end])
    for argument in rest:
        into = shared if argument in FLAGS or argument.split("=")[0] == LANG else others
        into.append(argument)
        if argument == LANG:
            code = next(rest, None)
            if code is None:
                return [LANG]  # typer complains that it lacks its value
            into.append(code)
    return [*shared, *others, *arguments[end:]]
