package capfile

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Write prints an inspection for people.
func (i *Inspection) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	title := i.Package
	if i.Name != "" {
		title += " (" + i.Name + ")"
	}
	fmt.Fprintf(t, "package\t%s %s\n", title, i.Version)
	fmt.Fprintf(t, "format\tCAP %s, flags: %s\n", i.Format, orNone(strings.Join(i.Flags, ", ")))
	fmt.Fprintf(t, "size\t%d bytes to load; %d methods, %d constants, %d exception handlers, %d bytes of static fields\n", i.LoadBytes, i.Methods, i.Constants, i.Handlers, i.StaticData)
	fmt.Fprintf(t, "SHA-256\t%s of what is loaded, all components but Debug\n", i.LoadHash)
	fmt.Fprintf(t, "\ncomponent\tbytes\n")
	for _, c := range i.Components {
		fmt.Fprintf(t, "%2d %s\t%5d\n", c.Tag, c.Name, c.Bytes)
	}
	fmt.Fprintf(t, "\nimport\tversion\tname\n")
	for _, p := range i.Imports {
		fmt.Fprintf(t, "%s\t%s\t%s\n", p.AID, p.Version, orNone(p.Name))
	}
	if len(i.Applets) > 0 {
		fmt.Fprintf(t, "\napplet\tinstall\n")
		for _, a := range i.Applets {
			fmt.Fprintf(t, "%s\t%s\n", a.AID, a.Install)
		}
	}
	fmt.Fprintf(t, "\nclass\textends\twords\treferences\tpublic\tpackage\timplements\n")
	for _, c := range i.Classes {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", c.Name, c.Super, c.Words, c.References, c.Public, c.Visible, orNone(strings.Join(c.Interfaces, ", ")))
	}
	for _, n := range i.Interfaces {
		fmt.Fprintf(t, "%s\n", n)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if i.Text != "" {
		_, err := fmt.Fprintf(w, "\n%s", i.Text)
		return err
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
