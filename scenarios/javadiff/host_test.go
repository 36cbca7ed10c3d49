package javadiff

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/jcapi/stubs"
	"inkan/spec/peer"
)

// host is a Java virtual machine that compiles and runs programs.
type host struct {
	in  *bufio.Writer
	out *bufio.Reader
}

// classFile is one class that javac wrote.
type classFile struct {
	path string
	data []byte
}

// newHost compiles the API's declarations and the host's own classes, and
// starts a machine that serves until the test ends.
func newHost(t testing.TB) *host {
	javac, java := peer.Need(t, "javac"), peer.Need(t, "java")
	dir := t.TempDir()
	var api []string
	for _, s := range stubs.Sources() {
		if strings.HasPrefix(s.Path, "javacard/framework/") && strings.Count(s.Path, "/") == 2 {
			name := filepath.Join(dir, "source", filepath.FromSlash(s.Path))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(s.Text), 0o644); err != nil {
				t.Fatal(err)
			}
			api = append(api, name)
		}
	}
	own, err := filepath.Abs("testdata/host")
	if err != nil {
		t.Fatal(err)
	}
	classes, _ := filepath.Glob(own + "/javacard/framework/*.java")
	compile(t, javac, filepath.Join(dir, "api"), api)
	compile(t, javac, filepath.Join(dir, "host"), append(classes, own+"/Host.java"))
	c := exec.CommandContext(t.Context(), java, "-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", filepath.Join(dir, "host"), "Host", filepath.Join(dir, "api"))
	c.Dir, c.Stderr = dir, os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		c.Wait()
	})
	return &host{bufio.NewWriter(in), bufio.NewReader(out)}
}

func compile(t testing.TB, javac, dir string, sources []string) {
	c := exec.CommandContext(t.Context(), javac, append([]string{"--release", "11", "-nowarn", "-proc:none", "-d", dir}, sources...)...)
	if output, err := c.CombinedOutput(); err != nil {
		t.Fatalf("javac: %v\n%s", err, output)
	}
}

// run compiles a program and sends its commands to it. messages are javac's;
// when there are any, there is nothing else.
func (h *host) run(p *program) (messages string, classes []classFile, responses [][]byte, err error) {
	h.count(len(p.sources))
	for _, s := range p.sources {
		h.bytes([]byte(s.path))
		h.bytes([]byte(s.text))
	}
	h.bytes([]byte("diff.App"))
	h.count(len(p.commands))
	for _, c := range p.commands {
		h.bytes(c)
	}
	if err := h.in.Flush(); err != nil {
		return "", nil, nil, err
	}
	text, err := h.read()
	if err != nil || len(text) > 0 {
		return string(text), nil, nil, err
	}
	n, err := h.readCount()
	for ; n > 0 && err == nil; n-- {
		var path, data []byte
		if path, err = h.read(); err == nil {
			data, err = h.read()
		}
		classes = append(classes, classFile{string(path), data})
	}
	if err != nil {
		return "", nil, nil, err
	}
	n, err = h.readCount()
	for ; n > 0 && err == nil; n-- {
		var r []byte
		r, err = h.read()
		responses = append(responses, r)
	}
	return "", classes, responses, err
}

func (h *host) count(n int) { h.in.Write(binary.BigEndian.AppendUint32(nil, uint32(n))) }

func (h *host) bytes(b []byte) {
	h.count(len(b))
	h.in.Write(b)
}

func (h *host) readCount() (int, error) {
	var b [4]byte
	if _, err := io.ReadFull(h.out, b[:]); err != nil {
		return 0, fmt.Errorf("the Java machine ended: %w", err)
	}
	return int(binary.BigEndian.Uint32(b[:])), nil
}

func (h *host) read() ([]byte, error) {
	n, err := h.readCount()
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(h.out, b)
	return b, err
}
