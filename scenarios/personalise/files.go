package personalise

import (
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// messageFile is the name of the signed message among the files.
const messageFile = "message.bin"

// Save writes certificates (PEM), message and signatures into a folder, which it
// makes, and returns the command lines by which OpenSSL verifies them.
func (r *Report) Save(folder string) (commands []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	write := func(name string, content []byte) {
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), content, 0o644)
		}
	}
	write(messageFile, r.Message)
	in := quoted(folder)
	for _, i := range r.Issued {
		write(i.Name+"-cert.pem", certificatePEM(i.Certificate))
		write(i.Name+"-ca.pem", certificatePEM(i.CACertificate))
		write(i.Name+"-signature.bin", i.Signature)
		commands = append(commands,
			fmt.Sprintf("openssl verify -CAfile %s/%s-ca.pem %s/%s-cert.pem", in, i.Name, in, i.Name),
			fmt.Sprintf("openssl x509 -in %s/%s-cert.pem -pubkey -noout | openssl dgst -sha256 -verify /dev/stdin -signature %s/%s-signature.bin %s/%s",
				in, i.Name, in, i.Name, in, messageFile))
	}
	return commands, err
}

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	path = filepath.ToSlash(path)
	if strings.ContainsAny(path, " '\"$\\`*?()[]{}&;|<>~#!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
