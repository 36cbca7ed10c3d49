package inkan.jpki;

/** LABEL of PERSO: what this protocol signs, derives and authenticates begins with it. */
final class Label {
	static final short SIZE = 13;
	static final byte[] VALUE = { 'I', 'N', 'K', 'A', 'N', '-', 'P', 'E', 'R', 'S', 'O', '-', '1' };

	private Label() {
	}
}
