package cap

// Applet is an entry of the Applet component.
type Applet struct {
	AID           []byte
	InstallMethod uint16 // offset into the Method component's info
}

// decodeApplets reads an Applet component. Spec: SPEC-CAP-012.
func decodeApplets(b []byte) ([]Applet, error) {
	r := reader(TagApplet, b)
	applets := []Applet{}
	n := r.Byte("count")
	if r.Err() == nil && n == 0 {
		r.FailAt(0, "count", "at least 1", "0")
	}
	for ; n > 0 && r.Err() == nil; n-- {
		a := Applet{AID: decodeAID(&r, "applet")}
		a.InstallMethod = r.Uint16("install_method_offset")
		applets = append(applets, a)
	}
	return applets, r.End()
}

func appendApplets(dst []byte, applets []Applet) []byte {
	dst = append(dst, byte(len(applets)))
	for _, a := range applets {
		dst = append(append(dst, byte(len(a.AID))), a.AID...)
		dst = append16(dst, a.InstallMethod)
	}
	return dst
}

// decodeImports reads the Import component; the index in it is the package
// token of external references. Spec: SPEC-CAP-013.
func decodeImports(b []byte) ([]PackageInfo, error) {
	r := reader(TagImport, b)
	imports := []PackageInfo{}
	for n := r.Byte("count"); n > 0 && r.Err() == nil; n-- {
		imports = append(imports, decodePackage(&r, "package"))
	}
	return imports, r.End()
}

func appendImports(dst []byte, imports []PackageInfo) []byte {
	dst = append(dst, byte(len(imports)))
	for _, p := range imports {
		dst = p.append(dst)
	}
	return dst
}
