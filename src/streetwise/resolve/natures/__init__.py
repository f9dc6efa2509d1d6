"""What a case is (problem, hazard, dispute, request), and an officer's word on it."""
