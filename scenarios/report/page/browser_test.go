package page

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/scenarios/report/sample"
	"inkan/spec/peer"
)

// browse opens a page in Chromium without a network and with the flags, and gives what
// it prints.
func browse(t *testing.T, page string, flags ...string) string {
	t.Helper()
	peer.Need(t, "chromium")
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	// No sandbox: tests may run as root in a container, where it cannot be had; the
	// page is our own.
	flags = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
		"--user-data-dir=" + t.TempDir(), "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--virtual-time-budget=5000"}, flags...)
	out, log, status := peer.Try(t, nil, "chromium", append(flags, "file://"+file)...)
	if status != 0 {
		t.Fatalf("chromium ended with %d:\n%s", status, log)
	}
	// What a page's console says, violations of its policy included, is logged so; the
	// browser's own pages speak there as well.
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "CONSOLE") && !strings.Contains(line, "source: chrome://") {
			t.Errorf("the page complains: %s", line)
		}
	}
	return string(out)
}

// With and without its script a browser has the same content: the tools that need the
// script are hidden without it.
func TestBrowser(t *testing.T) {
	r := madeUp(t, sample.Config{})
	page := written(t, r)
	for scripts := range 2 {
		if scripts == 0 {
			before, after, _ := strings.Cut(page, "<script>")
			_, after, _ = strings.Cut(after, "</script>")
			page = before + after
		} else {
			page = written(t, r)
		}
		dom := browse(t, page, "--dump-dom")
		for _, c := range []struct {
			what string
			n    int
		}{
			{`<li class="step `, len(r.Steps)}, {`<svg class="chart"`, len(r.Steps)}, {`<svg class="timeline"`, 1}, {`<details class="a"`, len(r.APDUs)},
			{`<details class="m"`, len(r.Messages)}, {`<article class="card certificate"`, len(r.Certificates)}, {`<li class="phone`, len(r.Screens)}, {"<script", scripts},
		} {
			if got := strings.Count(dom, c.what); got != c.n {
				t.Errorf("%d scripts: %s occurs %d times, want %d", scripts, c.what, got, c.n)
			}
		}
		for _, s := range []string{"マイナンバーカードで申請に署名する", "TSM-sim-mismatch", "D392F000260100000001 (JPKI application)", "3 × SMS-DELIVER", "責任分界", "-----BEGIN CERTIFICATE-----"} {
			if !strings.Contains(dom, s) {
				t.Errorf("%d scripts: no %q", scripts, s)
			}
		}
		if hidden := strings.Contains(dom, `id="tools" hidden`); hidden != (scripts == 0) {
			t.Errorf("%d scripts: tools hidden: %v", scripts, hidden)
		}
	}
}

// tag is the beginning of an element.
var tag = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9-]*[ >]`)

// A browser makes the elements that the page has, and none of a text.
func TestBrowserEscapes(t *testing.T) {
	page := written(t, hostile(strings.Join(forms, " ")))
	elements, _ := parsed(t, page)
	if got := len(tag.FindAllString(browse(t, page, "--dump-dom"), -1)); got != len(elements) {
		t.Errorf("the browser has %d elements, the page %d", got, len(elements))
	}
}

// The page is drawn, and its chart has the colours of what is in it.
func TestScreenshot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.png")
	browse(t, written(t, madeUp(t, sample.Config{})), "--screenshot="+file, "--window-size=1280,3000")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if size := m.Bounds().Size(); size.X != 1280 || size.Y != 3000 {
		t.Errorf("%v", size)
	}
	colours := map[uint32]int{}
	for y := 0; y < 3000; y += 3 {
		for x := 0; x < 1280; x += 3 {
			r, g, b, _ := m.At(x, y).RGBA()
			colours[r>>8<<16|g>>8<<8|b>>8]++
		}
	}
	// The colours of messages, short messages and commands in the chart.
	for name, c := range map[string]uint32{"message": 0x1b6b83, "short message": 0x2c74c9, "command": 0x7654c8, "person": 0xc47f1b} {
		if colours[c] < 20 {
			t.Errorf("%s: %d pixels of its colour", name, colours[c])
		}
	}
}
