package inkan.jpki;

import javacard.framework.Util;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPublicKey;

/**
 * Keys, certificates and ends of validity. Whether they count is State's
 * business: nothing here is read before its bit is set.
 */
final class Content {
	/** Bytes of an end of validity, YYYYMMDDhhmmssZ. */
	static final short END_SIZE = 15;
	/** Bytes of a modulus and of a signature. */
	static final short MODULUS_SIZE = 256;

	// Indexes of lengths, to which a role is added.
	private static final byte CERTIFICATES = 0;
	private static final byte CAS = 2;

	/** Body of statement 05: counts in the phases ACTIVE and SUSPENDED. */
	final byte[] receipt;
	private final byte roles;
	private final short fileSize;
	private final byte[] authCertificate;
	private final byte[] authCA;
	private final byte[] signCertificate;
	private final byte[] signCA;
	private final short[] lengths;
	private final byte[] ends;
	private final KeyPair[] pairs;
	private final RSAPrivateCrtKey[] privateKeys;

	Content(Parameters parameters) {
		roles = parameters.roles;
		fileSize = parameters.fileSize;
		boolean sign = (roles & Role.bit(Role.SIGN)) != 0;
		authCertificate = new byte[fileSize];
		authCA = new byte[fileSize];
		signCertificate = sign ? new byte[fileSize] : null;
		signCA = sign ? new byte[fileSize] : null;
		lengths = new short[4];
		receipt = new byte[LifeCycle.RECEIPT_SIZE];
		ends = new byte[(short) (2 * END_SIZE)];
		pairs = new KeyPair[2];
		privateKeys = new RSAPrivateCrtKey[2];
		makePair(Role.AUTH);
		if (sign) {
			makePair(Role.SIGN);
		}
	}

	private void makePair(byte role) {
		pairs[role] = new KeyPair(
				(RSAPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_RSA_PUBLIC, KeyBuilder.LENGTH_RSA_2048, false),
				(RSAPrivateCrtKey) KeyBuilder.buildKey(KeyBuilder.TYPE_RSA_CRT_PRIVATE, KeyBuilder.LENGTH_RSA_2048, false));
		privateKeys[role] = (RSAPrivateCrtKey) pairs[role].getPrivate();
	}

	/** Whether the form has a role. */
	boolean hasRole(byte role) {
		return (roles & Role.bit(role)) != 0;
	}

	byte[] certificate(byte role) {
		return role == Role.AUTH ? authCertificate : signCertificate;
	}

	short certificateLength(byte role) {
		return lengths[(short) (CERTIFICATES + role)];
	}

	void setCertificateLength(byte role, short length) {
		lengths[(short) (CERTIFICATES + role)] = length;
	}

	byte[] ca(byte role) {
		return role == Role.AUTH ? authCA : signCA;
	}

	short caLength(byte role) {
		return lengths[(short) (CAS + role)];
	}

	void setCALength(byte role, short length) {
		lengths[(short) (CAS + role)] = length;
	}

	/** Both ends of validity; endOffset says where a role's is. */
	byte[] ends() {
		return ends;
	}

	static short endOffset(byte role) {
		return (short) (role * END_SIZE);
	}

	RSAPrivateCrtKey privateKey(byte role) {
		return privateKeys[role];
	}

	/** Makes a key pair: public exponent 65537, which is what KeyPair takes when none is set. */
	void generate(byte role) {
		pairs[role].genKeyPair();
	}

	/** Copies the modulus of an on-card key. */
	void modulus(byte role, byte[] b, short offset) {
		((RSAPublicKey) pairs[role].getPublic()).getModulus(b, offset);
	}

	void clearKey(byte role) {
		privateKeys[role].clearKey();
		pairs[role].getPublic().clearKey();
	}

	void clearCertificate(byte role) {
		Util.arrayFillNonAtomic(certificate(role), (short) 0, fileSize, (byte) 0);
	}

	void clearCA(byte role) {
		Util.arrayFillNonAtomic(ca(role), (short) 0, fileSize, (byte) 0);
	}

	void clearEnd(byte role) {
		Util.arrayFillNonAtomic(ends, endOffset(role), END_SIZE, (byte) 0);
	}
}
