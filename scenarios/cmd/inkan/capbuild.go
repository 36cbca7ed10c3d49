package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"inkan/core/capc/project"
	"inkan/scenarios/capbuild"
	"inkan/scenarios/capfile"
)

func newCapBuild() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "build PATH...",
		Short: "Build a CAP file from Java sources or class files",
		Long: `Compiles the .java files of the folders with the JDK's javac against the public
Java Card, GlobalPlatform and UICC API, and converts the classes to a CAP file.
Folders may have .class files instead, a .jar file may be given, and then no JDK
is needed.

What else has to be known stands in a file cap.json in one of the folders, or is
given with options, which win:

  {
    "aid": "F0696E6B6101",
    "version": "1.0",
    "applets": [{"aid": "F0696E6B610101", "class": "PurseApplet"}],
    "int": false,
    "imports": ["../lib", "../other/other.exp"],
    "api": ["javacard.framework=1.5"]
  }

An import is the export file of a library, or the folder of a library that is
built, too. "api" has versions of API packages to import, for cards older than
Java Card 3.0.5. Without a version it is 1.0, the package's name is
that of the classes. The exit code is 1 when javac or the converter refuses, and
then nothing is written.`,
		Example: "  inkan cap build purse/\n  inkan cap build --aid F0696E6B6101 --applet F0696E6B610101=PurseApplet --out purse.cap purse/src",
		Args:    files(1, -1),
		RunE:    buildCap,
	}
	flags := cmd.Flags()
	flags.String("package", "", "package name, to be sure that the classes are of it")
	flags.String("aid", "", "AID of the package in hex")
	flags.String("version", "", "version of the package, as in 1.0")
	flags.StringArray("applet", nil, "AID=CLASS of an applet to install (may be repeated)")
	flags.Bool("library", false, "no class is an applet to install")
	flags.Bool("int", false, "use the int instructions")
	flags.StringArray("import", nil, "export file or folder of an imported library (may be repeated)")
	flags.StringArray("api", nil, "PACKAGE=VERSION of an API package to import, as in javacard.framework=1.5")
	flags.StringArray("classpath", nil, "where javac finds other classes (may be repeated)")
	flags.String("out", "", "CAP file to write (default: last part of the package name, .cap)")
	flags.String("exp", "", "export file to write")
	flags.Bool("classes", false, "list the classes of the CAP file, too")
	flags.Bool("json", false, "print as JSON")
	return cmd
}

// projectOf reads the options that say what to build.
func projectOf(cmd *cobra.Command) (p project.Project, err error) {
	flags := cmd.Flags()
	p.Package, _ = flags.GetString("package")
	p.Int, _ = flags.GetBool("int")
	p.Imports, _ = flags.GetStringArray("import")
	if s, _ := flags.GetString("aid"); s != "" {
		if p.AID, err = project.ParseAID(s); err != nil {
			return p, fmt.Errorf("%w: --aid %w", errUsage, err)
		}
	}
	if s, _ := flags.GetString("version"); s != "" {
		if p.Version, err = project.ParseVersion(s); err != nil {
			return p, fmt.Errorf("%w: --version %w", errUsage, err)
		}
	}
	apis, _ := flags.GetStringArray("api")
	for _, s := range apis {
		name, minor, err := project.ParseAPI(s)
		if err != nil {
			return p, fmt.Errorf("%w: --api %w", errUsage, err)
		}
		if p.API == nil {
			p.API = map[string]byte{}
		}
		p.API[name] = minor
	}
	applets, _ := flags.GetStringArray("applet")
	for _, s := range applets {
		a, err := project.ParseApplet(s)
		if err != nil {
			return p, fmt.Errorf("%w: --applet %w", errUsage, err)
		}
		p.Applets = append(p.Applets, a)
	}
	return p, nil
}

func buildCap(cmd *cobra.Command, args []string) error {
	p, err := projectOf(cmd)
	if err != nil {
		return err
	}
	classPath, _ := cmd.Flags().GetStringArray("classpath")
	isLibrary, _ := cmd.Flags().GetBool("library")
	b, err := capbuild.Build(cmd.Context(), capbuild.Input{Paths: args, Project: p, ClassPath: classPath, Library: isLibrary})
	if err != nil {
		return err
	}
	r, err := writeBuilt(cmd, b)
	if err != nil {
		return err
	}
	return printOr(cmd, r, func() error { return r.write(cmd.OutOrStdout()) })
}

// buildReport is what "cap build" prints.
type buildReport struct {
	Sources    int                 `json:"sources,omitempty"`
	Classes    int                 `json:"classes"`
	CAP        string              `json:"cap"` // file name
	Bytes      int                 `json:"bytes"`
	Export     string              `json:"export,omitempty"`
	Verified   bool                `json:"verified"`
	Inspection *capfile.Inspection `json:"inspection"`
	withTable  bool
}

// writeBuilt writes the files.
func writeBuilt(cmd *cobra.Command, b *capbuild.Built) (*buildReport, error) {
	out, _ := cmd.Flags().GetString("out")
	exportName, _ := cmd.Flags().GetString("exp")
	classes, _ := cmd.Flags().GetBool("classes")
	if out == "" {
		out = b.Project.Package[strings.LastIndexByte(b.Project.Package, '.')+1:] + ".cap"
	}
	if exportName != "" && len(b.Export) == 0 {
		return nil, fmt.Errorf("--exp %s: package %s exports nothing", exportName, b.Project.Package)
	}
	if err := os.WriteFile(out, b.CAP, 0o644); err != nil {
		return nil, err
	}
	if exportName != "" {
		if err := os.WriteFile(exportName, b.Export, 0o644); err != nil {
			return nil, err
		}
	}
	i, err := capfile.Inspect(out, b.File, false)
	if err != nil {
		return nil, err
	}
	return &buildReport{Sources: b.Sources, Classes: b.Statistics.Classes, CAP: out, Bytes: len(b.CAP), Export: exportName, Verified: b.Verified, Inspection: i, withTable: classes}, nil
}

// write prints the report for people.
func (r *buildReport) write(w io.Writer) error {
	i := *r.Inspection
	if !r.withTable {
		i.Classes, i.Interfaces = nil, nil
	}
	if err := i.Write(w); err != nil {
		return err
	}
	from := count(r.Classes, "class", "classes")
	if r.Sources > 0 {
		from += " of " + count(r.Sources, "source file", "source files")
	}
	if r.Verified {
		from += ", and verified"
	} else {
		from += "; not verified, for the CAP file of a library is not at hand"
	}
	fmt.Fprintf(w, "\nbuilt from %s\n", from)
	if r.Export != "" {
		fmt.Fprintf(w, "wrote %s\n", r.Export)
	}
	_, err := fmt.Fprintf(w, "wrote %s, %d bytes\n", r.CAP, r.Bytes)
	return err
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
