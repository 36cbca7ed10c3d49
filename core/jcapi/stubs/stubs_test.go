package stubs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/req"
)

// TestJavac compiles all classes with the real compiler.
func TestJavac(t *testing.T) {
	peer.Need(t, "javac")
	dir := t.TempDir()
	args := []string{"--release", "8", "-Xlint:all,-options,-serial,-overrides", "-Werror", "-implicit:none", "-proc:none", "-d", dir}
	for _, s := range Sources() {
		path := filepath.Join(dir, filepath.FromSlash(s.Path))
		write(t, path, s.Text)
		args = append(args, path)
	}
	list := filepath.Join(dir, "args")
	write(t, list, strings.Join(args, "\n"))
	if output := peer.Run(t, nil, "javac", "@"+list); len(output) != 0 {
		t.Errorf("%s", output)
	}
}

// TestCorpus compiles the corpus against the classes.
func TestCorpus(t *testing.T) {
	peer.Need(t, "javac")
	api := t.TempDir()
	for _, s := range Sources() {
		write(t, filepath.Join(api, filepath.FromSlash(s.Path)), s.Text)
	}
	corpus, err := filepath.Abs("../../../spec/corpus")
	if err != nil {
		t.Fatal(err)
	}
	folders, _ := filepath.Glob(filepath.Join(corpus, "*", "*-305.cap"))
	if len(folders) < 18 {
		t.Fatalf("%d packages in %s", len(folders), corpus)
	}
	args := Arguments(api, "", t.TempDir())
	for _, cap := range folders {
		sources, _ := filepath.Glob(filepath.Join(filepath.Dir(cap), "src", "*.java"))
		args = append(args, sources...)
	}
	peer.Run(t, nil, "javac", args...)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestArguments(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-006")
	got := strings.Join(Arguments("API", "CP", "OUT"), " ")
	const want = "--release 8 -g -Xlint:-options -encoding UTF-8 -proc:none -implicit:none -sourcepath API -classpath CP -d OUT"
	if got != want {
		t.Error(got)
	}
}

func TestDeterministic(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-001")
	if first, again := generate(), generate(); !slices.Equal(first, again) {
		t.Error("two runs differ")
	}
}

// Every class of the table is declared once, inside its outer class if it has
// one, and every constant with it.
func TestAllDeclared(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-002", "SPEC-STUBS-003")
	declared := 0
	for _, p := range newest() {
		for _, c := range p.Classes {
			outer, _, _ := strings.Cut(c.FullName(), "$")
			source := text(t, outer+".java")
			if n := strings.Count(source, head(c)+" {\n"); n != 1 {
				t.Errorf("%s is declared %d times", c.FullName(), n)
			}
			for _, k := range constants(c) {
				has(t, source, constant(k))
			}
			declared++
		}
	}
	if declared < 230 {
		t.Errorf("%d classes", declared)
	}
	if slices.ContainsFunc(Sources(), func(s Source) bool { return strings.HasPrefix(s.Path, "java/") }) {
		t.Error("declares classes of the JDK")
	}
}

const applet = `package javacard.framework;

public abstract class Applet {
	protected Applet() {}
	public static void install(byte[] p0, short p1, byte p2) {}
	protected static boolean reSelectingApplet() { return false; }
	protected final void register() {}
	protected final void register(byte[] p0, short p1, byte p2) {}
	protected final boolean selectingApplet() { return false; }
	public void deselect() {}
	public javacard.framework.Shareable getShareableInterfaceObject(javacard.framework.AID p0, byte p1) { return null; }
	public boolean select() { return false; }
	public abstract void process(javacard.framework.APDU p0);
}
`

func TestClasses(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-002", "SPEC-STUBS-003", "SPEC-STUBS-004", "SPEC-STUBS-005")
	if got := text(t, "javacard/framework/Applet.java"); got != applet {
		t.Error(got)
	}
	has(t, text(t, "javacard/framework/ISO7816.java"), "public interface ISO7816 {",
		"public static final short SW_NO_ERROR = (short) -28672;", "public static final byte OFFSET_CLA = (byte) 0;")
	has(t, text(t, "javacardx/framework/tlv/BERTag.java"), "public static final boolean BER_TAG_TYPE_CONSTRUCTED = true;")
	has(t, text(t, "javacard/framework/UserException.java"), "public UserException(short p0) { super((short) 0); }",
		"public static void throwIt(short p0) throws javacard.framework.UserException {}")
	has(t, text(t, "javacard/framework/ISOException.java"), "public static void throwIt(short p0) {}")
	has(t, text(t, "javacard/framework/JCSystem.java"), "public final class JCSystem {", "\tJCSystem() {}")
	has(t, text(t, "javacard/framework/OwnerPINxWithPredecrement.java"), "\tbyte decrementTriesRemaining();")
	has(t, text(t, "javacardx/framework/nio/ByteBuffer.java"), "public abstract javacardx.framework.nio.ByteBuffer slice();",
		"public final byte[] array() { return null; }")
	has(t, text(t, "javacardx/framework/nio/ByteOrder.java"), "public static final javacardx.framework.nio.ByteOrder BIG_ENDIAN = null;")
	has(t, text(t, "uicc/usim/toolkit/ToolkitConstants.java"), "public static final byte EVENT_FORMATTED_SMS_CB = (byte) 24;",
		"public static final byte TAG_CSG_SELECTION_STATUS_N = (byte) 85;")
}

func TestInheritedOnce(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-004")
	for path, methods := range map[string][]string{
		"javacard/framework/UserException.java":             {"getReason", "setReason", "equals"},
		"javacard/framework/OwnerPINxWithPredecrement.java": {"check", "update", "reset"},
		"javacard/framework/service/RMIService.java":        {"fail", "getINS"},
	} {
		for _, name := range methods {
			if source := text(t, path); strings.Contains(source, " "+name+"(") {
				t.Errorf("%s declares %s again:\n%s", path, name, source)
			}
		}
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	i := slices.IndexFunc(Sources(), func(s Source) bool { return s.Path == path })
	if i < 0 {
		t.Fatalf("no %s", path)
	}
	return Sources()[i].Text
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}
