// refused 0: field of an interface that is not a compile-time constant
package inkan.lang.constants;

public interface Case { byte[] X = { 1 }; }
