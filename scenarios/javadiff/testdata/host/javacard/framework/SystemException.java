package javacard.framework;

public class SystemException extends CardRuntimeException {
    public SystemException(short reason) {
        super(reason);
    }

    public static void throwIt(short reason) throws SystemException {
        throw new SystemException(reason);
    }
}
