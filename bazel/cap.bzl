"""cap_file: a Java Card CAP file from Java sources.

    load("//bazel:cap.bzl", "cap_file")

    cap_file(
        name = "purse",
        srcs = glob(["src/**/*.java"]),
        project = "cap.json",      # AID, version, applets: spec/BUILD-CAP.md
        deps = ["//path/to:lib"],  # cap_file targets of imported libraries
    )

gives purse.cap, and purse.exp, which is empty when the package exports nothing.
The compiler is the machine's /usr/bin/javac, Debian's default-jdk-headless, which
comes with Debian's Bazel. The tool is built for the target, as the rest of the
tree is, so that the Go library is not compiled a second time for the host.
"""

CapInfo = provider(
    doc = "A Java Card package.",
    fields = {"cap": "its CAP file", "exp": "its export file"},
)

def _cap_file_impl(ctx):
    cap = ctx.actions.declare_file(ctx.label.name + ".cap")
    exp = ctx.actions.declare_file(ctx.label.name + ".exp")
    args = ctx.actions.args()
    args.add("-project", ctx.file.project)
    args.add("-out", cap)
    args.add("-exp", exp)
    if ctx.attr.library:
        args.add("-library")
    inputs = ctx.files.srcs + [ctx.file.project]
    for dep in ctx.attr.deps:
        info = dep[CapInfo]
        args.add("-import", info.exp.path + "," + info.cap.path)
        inputs += [info.exp, info.cap]
    args.add_all(ctx.files.srcs)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = inputs,
        outputs = [cap, exp],
        mnemonic = "CapBuild",
        progress_message = "Building CAP file %s" % ctx.label,
    )
    return [
        DefaultInfo(files = depset([cap]), runfiles = ctx.runfiles([cap])),
        CapInfo(cap = cap, exp = exp),
        OutputGroupInfo(exp = depset([exp])),
    ]

cap_file = rule(
    implementation = _cap_file_impl,
    doc = "Builds a CAP file from Java sources.",
    attrs = {
        "srcs": attr.label_list(allow_files = [".java"], mandatory = True),
        "project": attr.label(allow_single_file = [".json"], mandatory = True),
        "library": attr.bool(doc = "no class is an applet to install"),
        "deps": attr.label_list(providers = [CapInfo]),
        "_tool": attr.label(
            default = "//bazel/capbuild",
            executable = True,
            cfg = "target",
        ),
    },
)
