package inkan.jpki;

/**
 * The two key pairs, as indexes of arrays. PERSO numbers them from 1, so that a
 * set of roles is the sum of their numbers.
 */
final class Role {
	/** User authentication (利用者証明用). */
	static final byte AUTH = 0;
	/** Signature (署名用). */
	static final byte SIGN = 1;

	private Role() {
	}

	/** The bit of a role in a set of roles. */
	static byte bit(byte role) {
		return (byte) (1 << role);
	}
}
