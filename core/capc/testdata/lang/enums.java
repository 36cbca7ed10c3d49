// refused 0: enum
package inkan.lang.enums;

enum Case { A, B }
